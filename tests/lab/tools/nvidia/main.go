// Prints what NVIDIA's own Go code says about MIG profiles; an outside oracle for the boards of the catalogue.
//
//	nvidia-mig placements         the mock tables of A100 and A30: profiles with names, counts and placements
//	nvidia-mig names < requests   the names of go-nvlib for profiles of any board
//
// The tables of the other boards are left out, and the media engines of these: they contradict what drivers print.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/NVIDIA/go-nvlib/pkg/nvlib/device"
	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock/gpus"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock/server"
)

// profile is a GPU instance profile; Placements are pairs of start and size.
type profile struct {
	Name            string      `json:"name"`
	MaxInstances    uint32      `json:"maxInstances"`
	Multiprocessors uint32      `json:"multiprocessors"`
	MemoryMib       uint64      `json:"memoryMib"`
	Placements      [][2]uint32 `json:"placements"`
}

// request asks for the name of a profile of go-nvml on a GPU of some total memory.
type request struct {
	GpuInstance     int    `json:"gpuInstance"`
	ComputeInstance int    `json:"computeInstance"`
	MemoryMib       uint64 `json:"memoryMib"`
	TotalMib        uint64 `json:"totalMib"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "nvidia-mig:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 {
		return fmt.Errorf("one argument is needed: placements or names")
	}
	var answer any
	var err error
	switch os.Args[1] {
	case "placements":
		answer, err = placements()
	case "names":
		answer, err = names()
	default:
		err = fmt.Errorf("argument %q is not placements or names", os.Args[1])
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(answer)
}

// placements returns the profiles of each board by its name in the catalogue.
func placements() (map[string][]profile, error) {
	boards := map[string]gpus.Config{
		"a30-24gb":  gpus.A30_PCIE_24GB,
		"a100-40gb": gpus.A100_SXM4_40GB,
		"a100-80gb": gpus.A100_SXM4_80GB,
	}
	answer := map[string][]profile{}
	for board, config := range boards {
		library := device.New(server.NewServerWithGPUs("0", "0", 0, config), device.WithVerifySymbols(false))
		devices, err := library.GetDevices()
		if err != nil {
			return nil, err
		}
		answer[board], err = profiles(devices[0])
		if err != nil {
			return nil, err
		}
	}
	return answer, nil
}

// profiles returns the profiles whose instances have all their compute slices in one compute instance, as go-nvlib names
// them and go-nvml places them.
func profiles(gpu device.Device) ([]profile, error) {
	named, err := gpu.GetMigProfiles()
	if err != nil {
		return nil, err
	}
	var answer []profile
	seen := map[string]bool{}
	for _, entry := range named {
		info := entry.GetInfo()
		if info.C != info.G || seen[entry.String()] {
			continue
		}
		seen[entry.String()] = true
		instance, ret := gpu.GetGpuInstanceProfileInfo(info.GIProfileID)
		if ret != nvml.SUCCESS {
			return nil, fmt.Errorf("profile %s: %v", entry, ret)
		}
		places, ret := gpu.GetGpuInstancePossiblePlacements(&instance)
		if ret != nvml.SUCCESS {
			return nil, fmt.Errorf("placements of %s: %v", entry, ret)
		}
		one := profile{
			Name:            entry.String(),
			MaxInstances:    instance.InstanceCount,
			Multiprocessors: instance.MultiprocessorCount,
			MemoryMib:       instance.MemorySizeMB,
		}
		for _, place := range places {
			one.Placements = append(one.Placements, [2]uint32{place.Start, place.Size})
		}
		answer = append(answer, one)
	}
	return answer, nil
}

// names returns a name for each request on standard input, in their order.
func names() ([]string, error) {
	var requests []request
	if err := json.NewDecoder(os.Stdin).Decode(&requests); err != nil {
		return nil, fmt.Errorf("requests cannot be read: %w", err)
	}
	library := device.New(server.NewServerWithGPUs("0", "0", 0), device.WithVerifySymbols(false))
	answer := []string{}
	for _, r := range requests {
		name, err := library.NewMigProfile(
			r.GpuInstance, r.ComputeInstance, nvml.COMPUTE_INSTANCE_ENGINE_PROFILE_SHARED, r.MemoryMib, r.TotalMib<<20)
		if err != nil {
			return nil, err
		}
		answer = append(answer, name.String())
	}
	return answer, nil
}
