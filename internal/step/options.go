package step

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vodstack/vodstack/internal/contract"
)

// What the options of a metadata file may be.
var (
	archiveClasses = []string{"DISABLED", "GLACIER", "DEEP_ARCHIVE"}
	rotations      = []string{"AUTO", "DEGREE_0", "DEGREES_90", "DEGREES_180", "DEGREES_270"}
	accelerations  = []string{"ENABLED", "PREFERRED", "DISABLED"}
	fontColors     = []string{"WHITE", "BLACK", "YELLOW", "RED", "GREEN", "BLUE"}
)

// read takes one key of the file: an option, a name that the contract has
// taken, or free metadata.
func (m *metadata) read(key string, value any) {
	name, o := contract.LowerFirst(key), &m.options
	if m.seen[name] {
		m.problem("%s is given twice, with its first letter in either case", name)
		return
	}
	m.seen[name] = true
	switch name {
	case "srcVideo":
		m.text(key, value, &m.srcVideo, 1024)
	case "archiveSource":
		m.archive(key, value)
	case "frameCapture":
		m.flag(key, value, &o.FrameCapture)
	case "enableSns":
		m.flag(key, value, &o.EnableSns)
	case "enableSqs":
		m.flag(key, value, &o.EnableSqs)
	case "srcBucket":
		m.only(key, value, m.stack.SourceBucket)
	case "destBucket":
		m.only(key, value, m.stack.DestinationBucket)
	case "cloudFront":
		m.only(key, value, m.stack.DeliveryHost)
	case "jobTemplate":
		m.text(key, value, &o.JobTemplate, 80) // the service's limit for a name
	case "inputRotate":
		m.oneOf(key, value, &o.InputRotate, rotations)
	case "acceleratedTranscoding":
		m.oneOf(key, value, &o.AcceleratedTranscoding, accelerations)
	case "captions":
		m.captions(key, value)
	case "enableMediaPackage":
		m.mediaPackage(key, value)
	default:
		m.keep(key, value)
	}
}

// keep stores free metadata. A name of the contract is left out with a
// warning: it costs the uploader nothing but that key.
func (m *metadata) keep(key string, value any) {
	if contract.IsField(key) {
		m.warnings = append(m.warnings, fmt.Sprintf("metadata key %s left out: the record has a field of this name", key))
		return
	}
	why := unstorable(key, value, 0)
	if key == "" {
		why = "there is a key without a name"
	}
	if why != "" {
		m.problem("%s", why)
		return
	}
	m.free[key] = value
}

func (m *metadata) text(key string, value any, into *string, limit int) {
	text, ok := value.(string)
	if !ok || text == "" || len(text) > limit {
		m.problem("%s is %s; a string of 1 to %d bytes is allowed", key, show(value), limit)
		return
	}
	*into = text
}

func (m *metadata) flag(key string, value any, into *bool) {
	flag, ok := value.(bool)
	if !ok {
		m.problem("%s is %s; true or false is allowed", key, show(value))
		return
	}
	*into = flag
}

func (m *metadata) oneOf(key string, value any, into *string, allowed []string) {
	text, ok := value.(string)
	if !ok || !slices.Contains(allowed, text) {
		m.problem("%s is %s; %s is allowed", key, show(value), alternatives(allowed))
		return
	}
	*into = text
}

// only takes an option that names a part of the stack: no other is allowed,
// since the functions' permissions end there.
func (m *metadata) only(key string, value any, own string) {
	if value != own {
		m.problem("%s is %s; only the stack's own %q is allowed", key, show(value), own)
	}
}

// archive also takes true for the stack's own storage class, and false.
func (m *metadata) archive(key string, value any) {
	flag, ok := value.(bool)
	switch {
	case !ok:
		m.oneOf(key, value, &m.options.ArchiveSource, archiveClasses)
	case !flag:
		m.options.ArchiveSource = "DISABLED"
	case m.stack.Options.ArchiveSource == "DISABLED" || m.stack.Options.ArchiveSource == "":
		m.problem("%s is true, but the stack has no storage class for archives; %s is allowed", key, alternatives(archiveClasses))
	}
}

func (m *metadata) mediaPackage(key string, value any) {
	var wanted bool
	if m.flag(key, value, &wanted); wanted {
		m.unavailable("%s is true, but MediaPackage is not available yet", key)
	}
}

// show writes a value for people, bounded.
func show(value any) string {
	text := fmt.Sprintf("%v", value)
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		text = fmt.Sprintf("%q", v)
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	}
	if len(text) > 80 {
		text = strings.ToValidUTF8(text[:80], "") + "…"
	}
	return text
}

func alternatives(allowed []string) string {
	last := len(allowed) - 1
	return strings.Join(allowed[:last], ", ") + " or " + allowed[last]
}
