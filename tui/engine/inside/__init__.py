"""Looking inside an output before, or instead of, downloading it: its members, a preview, single members."""
