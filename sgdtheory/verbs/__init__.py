"""What a person does with the library: each verb evaluates closed forms of the catalogue on a problem."""
