"""A form's definition as the door uses it, and its parts."""
