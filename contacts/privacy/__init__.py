"""What people may ask for about their own data: a copy of it, and its erasure; and how who was erased stays so."""
