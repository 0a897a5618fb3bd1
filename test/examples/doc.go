// Package examples runs what the READMEs of examples/ say, word for word, on a
// local engine of its own, and looks at what it leads to.
package examples
