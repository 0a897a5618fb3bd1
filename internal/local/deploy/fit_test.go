package deploy

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the goldens anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; look at it, then run with -update:\n%s", name, got)
	}
}

func sample(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/stack.template.json")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestTemplateIsFittedToThisMachine(t *testing.T) {
	fitted, left, err := Fit(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "stack.fitted.json", append(fitted, '\n'))
	var said strings.Builder
	for _, l := range left {
		fmt.Fprintln(&said, l)
	}
	golden(t, "stack.left-out.txt", []byte(said.String()))
}

func TestNothingRefersToWhatIsLeftOut(t *testing.T) {
	fitted, _, err := Fit(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Resources map[string]any
	}
	if err := json.Unmarshal(fitted, &f); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"Queue", "Key", "Group", "Rate", "Any"} {
		if f.Resources[id] != nil {
			t.Errorf("%s is still there", id)
		}
		for _, reference := range []string{`{"Ref":"` + id + `"}`, `["` + id + `",`, "${" + id + "}"} {
			var compact bytes.Buffer
			if err := json.Compact(&compact, fitted); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(compact.String(), reference) {
				t.Errorf("%s is still referred to", reference)
			}
		}
	}
}

func TestTemplateThatFitsIsUnchangedInMeaning(t *testing.T) {
	original := []byte(`{"Resources":{"T":{"Type":"AWS::DynamoDB::Table","Properties":{"A":{"Fn::Join":["",["a",{"Ref":"T"}]]},"L":[1,2.5,true,null]}}},"Outputs":{}}`)
	fitted, left, err := Fit(original)
	if err != nil || len(left) > 0 {
		t.Fatalf("%v %v", left, err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, fitted); err != nil {
		t.Fatal(err)
	}
	var before, after any
	_ = json.Unmarshal(original, &before)
	_ = json.Unmarshal(fitted, &after)
	if fmt.Sprint(before) != fmt.Sprint(after) {
		t.Errorf("now %s", compact.String())
	}
}

func TestWhatIsNoTemplateIsRefused(t *testing.T) {
	for _, text := range []string{"", "{", "{}", `{"Resources":[]}`} {
		if _, _, err := Fit([]byte(text)); err == nil {
			t.Errorf("%q was fitted", text)
		}
	}
}
