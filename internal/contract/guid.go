package contract

import (
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// namespace is the UUIDv5 namespace of all guids. A constant: another one
// would give a video that arrives again a second guid.
var namespace = uuid.MustParse("6f2b1a52-7c1d-5a80-9c0e-5d2f8a6b7c31")

// GUID names one version of one object, the same for every delivery of its
// event. Each part is written with its length in front, so that no two
// different triples give the same name, whatever separators a key contains.
func GUID(bucket, key, version string) string {
	var name strings.Builder
	for _, part := range []string{bucket, key, version} {
		name.WriteString(strconv.Itoa(len(part)))
		name.WriteByte(':')
		name.WriteString(part)
	}
	return uuid.NewSHA1(namespace, []byte(name.String())).String()
}
