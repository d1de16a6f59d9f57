"""How forms look to those who fill them in, wherever they stand."""
