"""What was achieved: results, skills and the map of them, what rests on what, what adds up, how long it lasts."""
