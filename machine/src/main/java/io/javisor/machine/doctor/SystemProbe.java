package io.javisor.machine.doctor;

/** The kernel and the processor. */
final class SystemProbe {
    private SystemProbe() {}

    /** @param architecture as Java names it */
    static Check system(HostFiles files, String architecture) {
        String release = files.text("proc/sys/kernel/osrelease");
        if (!architecture.equals("amd64")) {
            return Check.failure(
                    "system",
                    "this JVM runs on " + architecture + "; javisor runs x86-64 guests on x86-64 Linux",
                    "uname -m   # has to be x86_64: use such a host, and a JDK for it");
        }
        if (release.isEmpty()) {
            return Check.failure(
                    "system", "this is not Linux, or /proc is not mounted", "sudo mount -t proc proc /proc");
        }
        return Check.ok("system", "Linux " + release + ", x86-64");
    }

    static Check cpu(CpuInfo cpu) {
        if (cpu.flags().isEmpty()) {
            return Check.warning(
                    "cpu", "/proc/cpuinfo can't be read or names no features", "sudo mount -t proc proc /proc");
        }
        return Check.ok(
                "cpu", cpu.vendor() + ", " + cpu.model() + ", " + (cpu.count() == 1 ? "1 CPU" : cpu.count() + " CPUs"));
    }
}
