"""Campaigns and marketing contexts as marketers keep them, and leads by what they came through."""
