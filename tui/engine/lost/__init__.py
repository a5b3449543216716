"""Starts whose reply was lost: found again in their vendors' lists of jobs, never sent again by themselves."""
