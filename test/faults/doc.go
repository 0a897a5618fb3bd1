// Package faults has the tests that do harm to a running engine: they cut
// lines, fill disks, kill processes and lose answers, and after each ask what
// has become of every upload that was acknowledged. "make faults" runs all of
// them and prints a table.
package faults
