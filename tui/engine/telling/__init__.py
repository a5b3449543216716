"""What happens outside when a job or a file is done: notices and the user's commands."""
