"""One module a verb: functions that read top-down in the data's order and join the stages. The only place where stages meet."""
