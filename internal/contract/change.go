package contract

import "errors"

// ErrUnknownVideo says that the table has no record of a guid.
var ErrUnknownVideo = errors.New("no record of this video")

// Change is one conditional write to a record. All of it happens or nothing.
type Change struct {
	// Set has the fields to write; what is empty stays as it is.
	Set Record
	// Once has fields that are only written where the record has none.
	Once Record
	// Remove names fields that go away.
	Remove []string
	// If are conditions that must all hold.
	If []Condition
	// Unread says that the record is not read after the change: it is not
	// sent back, and empty. One that a condition fails on is.
	Unread bool
}

// Condition is one thing that must hold of the record.
type Condition struct {
	Field string
	Op    Op
	Value any // string or int
}

// Op is how a condition compares.
type Op int

// The comparisons that the pipeline needs.
const (
	Equals Op = iota
	Absent
	AbsentOrEquals
	AbsentOrLess
)

// InIngest holds while a video has neither ended well nor badly.
var InIngest = Condition{Field: "workflowStatus", Op: Equals, Value: string(StatusIngest)}
