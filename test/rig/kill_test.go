package rig

import (
	"os"
	"os/exec"
	"testing"
)

func TestAProcessIsToldByItsParentItsEnvironmentAndItsMemory(t *testing.T) {
	cmd := exec.Command("sleep", "60")
	cmd.Env = []string{"AWS_LAMBDA_FUNCTION_NAME=vod-Plan", "PATH=" + os.Getenv("PATH")}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := Process{ID: cmd.Process.Pid, Command: "sleep 60"}
	if p.parent() != os.Getpid() || p.variable("AWS_LAMBDA_FUNCTION_NAME") != "vod-Plan" || p.variable("AWS_LAMBDA") != "" {
		t.Errorf("its parent is %d, its function %q", p.parent(), p.variable("AWS_LAMBDA_FUNCTION_NAME"))
	}
	if bytes, err := p.Memory(); err != nil || bytes < 1<<10 || bytes > 1<<30 {
		t.Errorf("it has %d bytes in memory (%v)", bytes, err)
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if cmd.ProcessState.Success() {
		t.Error("it ended by itself")
	}
	if err := p.Kill(); err != nil {
		t.Errorf("killing what has ended: %v", err)
	}
	if _, err := p.Memory(); err == nil {
		t.Error("what has ended has memory")
	}
}
