package engine

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
)

func TestTheAPIOfAStackIsFoundByItsName(t *testing.T) {
	e := &Engine{Home: t.TempDir(), Ports: Ports{API: 4570}, Log: slog.New(slog.DiscardHandler)}
	if url, ok := e.firstAPI(); ok {
		t.Errorf("before any deploy the page is sent to %q", url)
	}
	for file, text := range map[string]string{
		"old.json": `{"name":"old"}`, // deployed before there was an API
		"vod.json": `{"name":"vod","api":"a1b2"}`, "zoo.json": `{"name":"zoo","api":"c3d4"}`,
	} {
		path := filepath.Join(e.Home, "stacks", file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for stack, want := range map[string]string{"vod": "a1b2", "zoo": "c3d4", "old": "", "../stacks/vod": "", "": ""} {
		if id, ok := e.apiID(stack); id != want || ok != (want != "") {
			t.Errorf("the API of %q is %q %t, want %q", stack, id, ok, want)
		}
	}
	if url, _ := e.firstAPI(); url != "http://127.0.0.1:4570/vod" {
		t.Errorf("the page is sent to %q", url)
	}
}
