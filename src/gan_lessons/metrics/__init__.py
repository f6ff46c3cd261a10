"""Numbers that compare a restored image with its truth."""
