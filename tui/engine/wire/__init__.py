"""How requests travel: sessions and logins, transports, quotas, where an address may lead."""
