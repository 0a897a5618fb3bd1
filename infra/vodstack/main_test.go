//go:build !race

package vodstack

import (
	"flag"
	"fmt"
	"os"
	"syscall"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestMain starts the test binary again where its environment isn't right
// yet: jsii's process gets the environment of the moment in which the binary
// was loaded. The template validator would take most of the time of a
// synthesis here; make synth runs it.
func TestMain(m *testing.M) {
	if os.Getenv("CDK_VALIDATION") == "" {
		env := append(os.Environ(), "CDK_VALIDATION=false", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=18,20")
		self, err := os.Executable()
		if err == nil {
			err = syscall.Exec(self, os.Args, env)
		}
		fmt.Fprintln(os.Stderr, "start the test binary again:", err)
		os.Exit(1)
	}
	code := m.Run()
	Close()
	for _, folder := range atEnd {
		_ = os.RemoveAll(folder)
	}
	os.Exit(code)
}
