package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Lambda gives a function a whole core at 1,769 MB, and less in proportion;
// measured from outside, it hands out the share every 20 ms.
const (
	coreMB      = 1769
	sharePeriod = 20 * time.Millisecond
)

// A share is a control group whose processes have so much of one core.
type share struct{ dir string }

// newShare makes a group with the share of a function of this memory. It is
// an error where this user may not make control groups.
func newShare(megabytes int) (*share, error) {
	quota := sharePeriod * time.Duration(megabytes) / coreMB
	name := fmt.Sprintf("vod-bench-%d", os.Getpid())
	errV1 := errors.New("no cpu controller of version 1")
	if _, err := os.Stat("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"); err == nil {
		s := &share{filepath.Join("/sys/fs/cgroup/cpu", name)}
		if errV1 = s.limit(map[string]string{
			"cpu.cfs_period_us": micro(sharePeriod), "cpu.cfs_quota_us": micro(quota),
		}); errV1 == nil {
			return s, nil
		}
	}
	s := &share{filepath.Join("/sys/fs/cgroup", name)}
	errV2 := s.limit(map[string]string{"cpu.max": micro(quota) + " " + micro(sharePeriod)})
	if errV2 == nil {
		return s, nil
	}
	return nil, fmt.Errorf("limit the processor time: %w", errors.Join(errV1, errV2))
}

func micro(d time.Duration) string { return strconv.FormatInt(d.Microseconds(), 10) }

// limit makes the group and writes its settings; a group that can't be
// limited is removed.
func (s *share) limit(settings map[string]string) error {
	if err := os.Mkdir(s.dir, 0o755); err != nil {
		return err
	}
	for _, name := range []string{"cpu.cfs_period_us", "cpu.cfs_quota_us", "cpu.max"} {
		value, ok := settings[name]
		if !ok {
			continue
		}
		file, err := os.OpenFile(filepath.Join(s.dir, name), os.O_WRONLY, 0)
		if err == nil {
			_, err = file.WriteString(value)
			err = errors.Join(err, file.Close())
		}
		if err != nil {
			return errors.Join(err, os.Remove(s.dir))
		}
	}
	return nil
}

// join is a shell command by which the shell goes into the group; empty where
// there is no group.
func (s *share) join() string {
	if s == nil {
		return ""
	}
	return "echo $$ > '" + strings.ReplaceAll(s.dir, "'", `'\''`) + "/cgroup.procs' || exit 1; "
}

// close removes the group, whose processes must have ended.
func (s *share) close() {
	if s == nil {
		return
	}
	for range 50 {
		if os.Remove(s.dir) == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}
