"""From JPEG bytes to readings: decode safely, find faces, judge the picture, compare with the reference."""
