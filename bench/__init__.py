"""What is measured, how and against whom: each module runs one comparison and `bench.run` prints them all."""
