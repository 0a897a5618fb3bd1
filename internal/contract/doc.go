// Package contract holds what other applications read: the tracking record,
// the messages, the names of fields, and the codes of errors. It knows no
// cloud service, only the shapes that travel.
package contract
