"""Published instances of courier dispatch, lived by the delivery engine that markets use."""
