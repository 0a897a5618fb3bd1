package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vodstack/vodstack/internal/local/engine"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"vod": func() {
			if run(context.Background(), os.Args[1:], os.Stdout, os.Stderr) != nil {
				os.Exit(1)
			}
		},
	})
}

// Each script has a repository of its own, without anything installed.
func TestCommandLine(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("VOD_ROOT", filepath.Join(env.WorkDir, "clone"))
			env.Setenv("VOD_PORT", fmt.Sprint(freePort(t)))
			return os.MkdirAll(filepath.Join(env.WorkDir, "clone", ".vod"), 0o755)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"running": running,
			"ending":  ending,
			"occupy":  occupy,
			"python":  python,

			"tools_without_ffmpeg": onlyOwnTools,
		},
	})
}

// running makes an engine's note, and holds its lock as the engine would.
func running(ts *testscript.TestScript, _ bool, _ []string) {
	home := filepath.Join(ts.Getenv("VOD_ROOT"), ".vod")
	lock, err := os.Create(filepath.Join(home, "engine.lock"))
	ts.Check(err)
	ts.Check(syscall.Flock(int(lock.Fd()), syscall.LOCK_EX))
	ts.Defer(func() { lock.Close() })
	note := `{"version":1,"pid":1,"root":"/clone","region":"eu-central-1","ports":{"controlPlane":4566,"s3":4567,"mediaConvert":4568,"delivery":4569,"api":4570,"page":4571}}`
	ts.Check(os.WriteFile(filepath.Join(home, "engine.json"), []byte(note), 0o600))
	ts.Check(os.WriteFile(filepath.Join(home, "secret-key"), []byte("0123456789-of-this-home-0123456789_abcdef\n"), 0o600))
}

// ending is an engine of this build that stops, as its note says, and is gone
// after a second; it saves nothing. Asked to stop it ends at once.
func ending(ts *testscript.TestScript, _ bool, args []string) {
	home := filepath.Join(ts.Getenv("VOD_ROOT"), ".vod")
	lock, err := os.Create(filepath.Join(home, "engine.lock"))
	ts.Check(err)
	defer lock.Close()
	ts.Check(syscall.Flock(int(lock.Fd()), syscall.LOCK_EX))
	process := exec.Command("sleep", args[0])
	process.ExtraFiles = []*os.File{lock} // held until it ends
	ts.Check(process.Start())
	go func() { _ = process.Wait() }()
	ts.Defer(func() { _ = process.Process.Kill() })
	program, err := engine.ProgramHash()
	ts.Check(err)
	ports, err := engine.ChoosePorts(ts.Getenv)
	ts.Check(err)
	note, err := json.Marshal(engine.Control{Version: 1, PID: process.Process.Pid, Ports: ports, Program: program})
	ts.Check(err)
	ts.Check(os.WriteFile(filepath.Join(home, "engine.json"), note, 0o600))
	ts.Check(os.MkdirAll(filepath.Join(home, "control-plane", "snapshot"), 0o755))
	ts.Check(os.WriteFile(filepath.Join(home, "control-plane", "unsaved"), nil, 0o600))
	ts.Check(os.WriteFile(filepath.Join(home, "control-plane", "snapshot", "manifest.json"), []byte(`{"number":1,"begun":1790000000000000000}`), 0o600))
}

// occupy listens on the first port.
func occupy(ts *testscript.TestScript, _ bool, _ []string) {
	l, err := net.Listen("tcp", "127.0.0.1:"+ts.Getenv("VOD_PORT"))
	ts.Check(err)
	ts.Defer(func() { l.Close() })
}

// python is an environment with everything installed.
func python(ts *testscript.TestScript, _ bool, _ []string) {
	path := filepath.Join(ts.Getenv("VOD_ROOT"), ".tools/venv/bin/python")
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o755))
	ts.Check(os.WriteFile(path, []byte("#!/bin/sh\n"), 0o700))
}

// onlyOwnTools leaves nothing on the path but the tool itself.
func onlyOwnTools(ts *testscript.TestScript, _ bool, _ []string) {
	own, _, _ := strings.Cut(ts.Getenv("PATH"), string(os.PathListSeparator))
	ts.Setenv("PATH", own)
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	// The others follow it.
	return min(l.Addr().(*net.TCPAddr).Port, 65000)
}

func TestShellReadsBackWhatIsPrinted(t *testing.T) {
	for text, want := range map[string]string{
		"plain": "'plain'", "a b": "'a b'", "it's": `'it'\''s'`, "$(rm)": "'$(rm)'",
	} {
		if got := shellQuote(text); got != want {
			t.Errorf("%q becomes %s, want %s", text, got, want)
		}
	}
}

func TestRenditionsAreReadFromThePlaylist(t *testing.T) {
	got := parseMaster(`#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",URI="sound.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=470000,AVERAGE-BANDWIDTH=1,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=768x432,FRAME-RATE=25.000,AUDIO="a"
v.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=96000,CODECS="mp4a.40.2"
a.m3u8
`)
	want := []rendition{
		{"768x432", 470000, "25.000", "avc1.64001f,mp4a.40.2"},
		{"", 96000, "", "mp4a.40.2"},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestProgressIsAFewLinesWhereThereIsNoTerminal(t *testing.T) {
	var out strings.Builder
	b := newBar(&out, "encode", 100, false)
	b.start = b.start.Add(-2 * quiet)
	for _, value := range []int64{0, 10, 5, 30, 31, 60, 99, 100} {
		b.set(value)
	}
	b.finish()
	text := out.String()
	if !strings.HasPrefix(text, "encode 30 %\nencode 60 %\nencode 99 %\nencode done in ") {
		t.Errorf("printed %q", text)
	}
}

func TestUploadOfNothingDividesByNothing(t *testing.T) {
	var out strings.Builder
	b := newBar(&out, "upload", 0, true)
	b.set(0)
	b.set(10)
	b.finish()
	if !strings.HasPrefix(out.String(), "upload done") {
		t.Errorf("printed %q", out.String())
	}
}
