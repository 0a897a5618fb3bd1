package contract_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/vodstack/vodstack/internal/contract"
)

// pinned is what this version's guid has been from the first day.
const pinned = "1db1cd90-82bc-524d-9b0b-7296c0b88f2d"

func TestOneVersionHasOneGUIDForever(t *testing.T) {
	first := contract.GUID("bucket", "/video/1/media.mp4", "v1")
	if first != contract.GUID("bucket", "/video/1/media.mp4", "v1") {
		t.Error("the same version has two guids")
	}
	if first != pinned {
		t.Errorf("guid is %s, was %s: every video that arrives again would be encoded again", first, pinned)
	}
	if id := uuid.MustParse(first); id.Version() != 5 || id.Variant() != uuid.RFC4122 {
		t.Errorf("%s is no UUIDv5", first)
	}
}

func TestDifferentVersionsHaveDifferentGUIDs(t *testing.T) {
	seen := map[string][3]string{}
	for _, v := range [][3]string{
		{"b", "k", "v"}, {"b", "k", ""}, {"b", "k", "null"}, {"b", "/k", "v"}, {"b", "kv", ""}, {"bk", "", "v"},
		{"b", "k:1:v", ""}, {"b", "k", "1:v"}, {"b", "k1:v", ""}, {"b", "k\x00v", ""}, {"b", "k", "\x00v"}, {"", "b", "kv"},
	} {
		id := contract.GUID(v[0], v[1], v[2])
		if other, ok := seen[id]; ok {
			t.Errorf("%q and %q have the same guid", v, other)
		}
		seen[id] = v
	}
}
