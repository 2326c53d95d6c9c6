"""What a result was made of: the record of each job, and the chain of all records."""
