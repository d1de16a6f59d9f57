"""What every API router shares: who calls, what they may ask for, how refusals and pages of rows look."""
