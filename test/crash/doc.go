// Package crash ends processes of an engine of its own in the middle of
// uploads, as a power cut or an empty battery does, and audits what is left
// once it has been started again.
package crash
