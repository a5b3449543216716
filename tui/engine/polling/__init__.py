"""When to ask whom: due times, pace after an answer or a failure, who is next, why somebody waits."""
