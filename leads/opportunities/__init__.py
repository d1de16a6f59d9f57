"""Opportunities: what a qualified lead became, from Qualify to Close, won or lost; pipeline and forecast."""
