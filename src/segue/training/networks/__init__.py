"""The networks of the five systems and of Segue: plain modules, shapes at the line ends."""
