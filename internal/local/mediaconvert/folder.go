package mediaconvert

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// folder keeps values as one JSON file each. A file is written beside its
// place and renamed into it, so that a kill leaves the old or the new one.
type folder[T any] struct{ path string }

func openFolder[T any](path string) (folder[T], error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return folder[T]{}, fmt.Errorf("open %s: %w", path, err)
	}
	return folder[T]{path}, nil
}

func (f folder[T]) file(name string) string {
	return filepath.Join(f.path, url.PathEscape(name)+".json")
}

// load reads every value, by name.
func (f folder[T]) load() (map[string]*T, error) {
	entries, err := os.ReadDir(f.path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.path, err)
	}
	all := map[string]*T{}
	for _, e := range entries {
		name, isValue := strings.CutSuffix(e.Name(), ".json")
		if !isValue {
			_ = os.Remove(filepath.Join(f.path, e.Name())) // a write that was cut off
			continue
		}
		if name, err = url.PathUnescape(name); err != nil {
			return nil, fmt.Errorf("read %s: %w", f.path, err)
		}
		if all[name], err = f.read(name); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (f folder[T]) read(name string) (*T, error) {
	data, err := os.ReadFile(f.file(name))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	value := new(T)
	if err := json.Unmarshal(data, value); err != nil {
		return nil, fmt.Errorf("read %s: %w", f.file(name), err)
	}
	return value, nil
}

// save writes a value so that it survives a loss of power.
func (f folder[T]) save(name string, value *T) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("save %s: %w", name, err)
	}
	part := f.file(name) + ".part"
	if err := writeSynced(part, data); err != nil {
		return fmt.Errorf("save %s: %w", name, err)
	}
	if err := os.Rename(part, f.file(name)); err != nil {
		return fmt.Errorf("save %s: %w", name, err)
	}
	return nil
}

func writeSynced(path string, data []byte) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Sync(), file.Close())
}

func (f folder[T]) remove(name string) error {
	if err := os.Remove(f.file(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s: %w", name, err)
	}
	return nil
}
