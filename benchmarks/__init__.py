"""What is fast enough and what is not: each prints its figures beside the limit and the peer it is held against."""
