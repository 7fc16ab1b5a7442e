package io.javisor.machine.doctor;

import java.util.List;

/**
 * Where this process runs, which decides what a user can do about what is missing.
 *
 * @param container whether it is in a container, whose devices the host gives
 * @param user the name of the user
 */
record Surroundings(CpuInfo cpu, boolean container, String user) {
    private static final List<String> CONTAINER_FILES =
            List.of(".dockerenv", "run/.containerenv", "run/systemd/container");
    private static final List<String> CONTAINER_CGROUPS = List.of("docker", "libpod", "kubepods", "containerd", "/lxc");

    static Surroundings of(HostFiles files) {
        String cgroups = files.text("proc/1/cgroup");
        boolean container = CONTAINER_FILES.stream().anyMatch(files::exists)
                || CONTAINER_CGROUPS.stream().anyMatch(cgroups::contains);
        return new Surroundings(CpuInfo.read(files), container, System.getProperty("user.name", "$USER"));
    }

    /** What makes the processor's virtualisation, which is missing or hidden, seen here. */
    String virtualisationRemedy() {
        if (cpu.isVirtual()) {
            String module = cpu.kvmModule();
            return "sudo modprobe -r " + module + " && sudo modprobe " + module
                    + " nested=1   # on the machine that runs this VM; then give the VM the host's CPU (QEMU: -cpu"
                    + " host)";
        }
        return "sudo systemctl reboot --firmware-setup   # and enable " + cpu.virtualisationName() + " there";
    }

    /** What loads KVM. */
    String moduleRemedy() {
        return "sudo modprobe " + cpu.kvmModule()
                + "   # if it is not supported: sudo systemctl reboot --firmware-setup, and enable "
                + cpu.virtualisationName() + " there";
    }
}
