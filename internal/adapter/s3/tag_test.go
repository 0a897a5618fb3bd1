package s3_test

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/testkit/awstest"
)

type tagging struct {
	XMLName xml.Name `xml:"Tagging"`
	Tags    []tag    `xml:"TagSet>Tag"`
}

type tag struct{ Key, Value string }

// tagged is S3 with the tags of one version, as PutObjectTagging leaves them.
func tagged(t *testing.T, tags []tag) (set *[]tag, reply func(awstest.Call) awstest.Answer) {
	set = &tags
	return set, func(call awstest.Call) awstest.Answer {
		if call.Path != "/video/a.mp4" || !strings.Contains(call.Query, "tagging") || !strings.Contains(call.Query, "versionId=v1") {
			t.Errorf("%s %s?%s", call.Method, call.Path, call.Query)
		}
		if call.Method == http.MethodGet {
			text, err := xml.Marshal(tagging{Tags: *set})
			if err != nil {
				t.Fatal(err)
			}
			return awstest.Answer{Body: string(text)}
		}
		var sent tagging
		if err := xml.Unmarshal([]byte(call.Body), &sent); err != nil {
			t.Errorf("%s: %v", call.Body, err)
		}
		*set = sent.Tags
		return awstest.Answer{}
	}
}

func tags(n int) (all []tag) {
	for i := range n {
		all = append(all, tag{fmt.Sprint("their key ", i), "their value & more"})
	}
	return all
}

func TestAVersionIsMarkedForTheArchiveAndKeepsItsOwnTags(t *testing.T) {
	ours := tag{"vodstack:archive", "GLACIER"}
	for name, c := range map[string]struct {
		before, after []tag
		writes        int
	}{
		"no tags":            {nil, []tag{ours}, 1},
		"theirs":             {tags(2), append(tags(2), ours), 1},
		"nine of theirs":     {tags(9), append(tags(9), ours), 1},
		"ours":               {append([]tag{ours}, tags(2)...), append([]tag{ours}, tags(2)...), 0},
		"ten with ours":      {append(tags(9), ours), append(tags(9), ours), 0},
		"ours of before":     {append([]tag{{ours.Key, "DEEP_ARCHIVE"}}, tags(9)...), append([]tag{ours}, tags(9)...), 1},
		"one that is a part": {[]tag{{"vodstack:archived", "x"}}, []tag{{"vodstack:archived", "x"}, ours}, 1},
	} {
		set, reply := tagged(t, c.before)
		s, b := bucket(t, reply)
		for range 2 {
			if err := b.Tag(context.Background(), "video/a.mp4", "v1", "GLACIER"); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if !slices.Equal(*set, c.after) {
			t.Errorf("%s: tags are %v, want %v", name, *set, c.after)
		}
		if writes := len(s.Calls()) - 2; writes != c.writes {
			t.Errorf("%s: written %d times", name, writes)
		}
	}
}

func TestTenTagsOfAnUploaderLeaveNoRoomForAnother(t *testing.T) {
	set, reply := tagged(t, tags(10))
	_, b := bucket(t, reply)
	if err := b.Tag(context.Background(), "video/a.mp4", "v1", "GLACIER"); !errors.Is(err, contract.ErrTagsFull) {
		t.Errorf("error is %v", err)
	}
	if !slices.Equal(*set, tags(10)) {
		t.Errorf("tags are %v", *set)
	}
}

func TestTagsThatCannotBeReadAreNotReplaced(t *testing.T) {
	s, b := bucket(t, func(awstest.Call) awstest.Answer {
		return awstest.Answer{Status: 403, Body: "<Error><Code>AccessDenied</Code></Error>"}
	})
	if err := b.Tag(context.Background(), "k", "v1", "GLACIER"); !errors.Is(err, contract.ErrDenied) || len(s.Calls()) != 1 {
		t.Errorf("error is %v after %d calls", err, len(s.Calls()))
	}
}
