package io.javisor.machine.doctor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Directories that look like a host's. */
final class MadeUpHost {
    static final CpuInfo INTEL = cpu("GenuineIntel", "vmx");
    static final CpuInfo AMD = cpu("AuthenticAMD", "svm");
    static final CpuInfo INTEL_DISABLED = cpu("GenuineIntel");
    static final CpuInfo AMD_DISABLED = cpu("AuthenticAMD");
    static final CpuInfo NESTED_INTEL = cpu("GenuineIntel", "vmx", "hypervisor");
    static final CpuInfo CLOUD_INTEL = cpu("GenuineIntel", "hypervisor");
    static final CpuInfo CLOUD_AMD = cpu("AuthenticAMD", "hypervisor");
    static final CpuInfo UNKNOWN = new CpuInfo("", "", 0, Set.of());

    /** By the names that the tables of the tests use. */
    static CpuInfo cpuNamed(String name) {
        return switch (name) {
            case "intel" -> INTEL;
            case "amd" -> AMD;
            case "intel-off" -> INTEL_DISABLED;
            case "amd-off" -> AMD_DISABLED;
            case "nested-intel" -> NESTED_INTEL;
            case "cloud-intel" -> CLOUD_INTEL;
            case "cloud-amd" -> CLOUD_AMD;
            case "unknown" -> UNKNOWN;
            default -> throw new IllegalArgumentException(name);
        };
    }

    final HostFiles files;
    private final Path root;

    MadeUpHost(Path root) {
        this.root = root;
        this.files = new HostFiles(root);
    }

    MadeUpHost with(String name, String content) {
        try {
            Path file = root.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, content);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Surroundings host(CpuInfo cpu) {
        return new Surroundings(cpu, false, "alice");
    }

    static Surroundings container(CpuInfo cpu) {
        return new Surroundings(cpu, true, "alice");
    }

    private static CpuInfo cpu(String vendor, String... flags) {
        Set<String> all = new HashSet<>(Set.of(flags));
        all.add("lm");
        return new CpuInfo(vendor, "a processor", 2, all);
    }
}
