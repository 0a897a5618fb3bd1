package encoding

// What the tests outside of the package share with those inside of it.
var (
	DefaultOptions = options
	With           = with
	SourceOf       = source
	CompareGolden  = compare
	FileName       = fileName
)
