package examples

import (
	"path/filepath"
	"testing"
)

// One S3 on one machine: CloudFormation's buckets are reached with the same
// variables as those of the stack vod. osls and the CDK, which keep what they
// deploy in buckets of such stacks, show it in the tests of their examples.
func TestAStacksOwnBucketIsReachedWithTheEnvironmentAlone(t *testing.T) {
	t.Parallel()
	program, err := filepath.Abs(filepath.Join("testdata", "own_bucket.py"))
	if err != nil {
		t.Fatal(err)
	}
	terminal := openShell(t)
	terminal.run(t, `eval "$(bin/vod env)"`+"\n")
	terminal.run(t, "examples/python/.venv/bin/python "+program+" "+world.stack.Outputs["Source"]+"\n")
}
