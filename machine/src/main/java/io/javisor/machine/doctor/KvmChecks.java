package io.javisor.machine.doctor;

import io.javisor.kvm.Kvm;
import io.javisor.kvm.KvmHost;
import io.javisor.kvm.KvmUnavailableException.Reason;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.CpusConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** KVM: whether it is there, what it is made of and what it can do. */
final class KvmChecks {
    private static final String KERNEL_REMEDY =
            "sudo apt-get install linux-image-amd64   # or your distribution's stock kernel of this year; then reboot";

    private KvmChecks() {}

    static List<Check> of(KvmFacts facts, HostFiles files, Surroundings surroundings, Accel accel) {
        return switch (facts) {
            case KvmFacts.Unavailable unavailable -> {
                List<Check> checks = new ArrayList<>(KvmDeviceRemedies.checks(unavailable, files, surroundings));
                // A driver that only this user may not reach is one that works without the processor's help.
                checks.add(virtualisation(unavailable.reason() == Reason.NO_PERMISSION, surroundings, Accel.KVM));
                yield checks;
            }
            case KvmFacts.Opened opened ->
                List.of(
                        Check.ok("kvm-device", Kvm.DEVICE + " can be opened"),
                        Check.ok("kvm-api", "version " + KvmConstants.KVM_API_VERSION),
                        vm(opened, surroundings),
                        virtualisation(true, surroundings, accel),
                        needed(opened),
                        used(opened),
                        vcpus(opened));
        };
    }

    private static Check vm(KvmFacts.Opened opened, Surroundings surroundings) {
        KvmFacts.VmProblem problem = opened.vmProblem();
        if (problem == null) {
            return Check.ok("kvm-vm", "a VM can be made");
        }
        return Check.failure(
                "kvm-vm",
                "no VM can be made: " + problem.message(),
                problem.busy()
                        ? "VBoxManage list runningvms   # end them, or: sudo modprobe -r vboxnetadp vboxnetflt vboxdrv"
                        : "sudo dmesg | grep -i kvm   # says why; often: " + surroundings.virtualisationRemedy());
    }

    /** A KVM that is there without the processor's help is software, which {@link Accel#AUTO} does not take. */
    private static Check virtualisation(boolean kvmIsThere, Surroundings surroundings, Accel accel) {
        CpuInfo cpu = surroundings.cpu();
        if (cpu.hasVirtualisation()) {
            return Check.ok(
                    "virtualisation",
                    "hardware, " + cpu.virtualisationName()
                            + (cpu.isVirtual() ? ", nested: this host is a VM itself, so each exit costs more" : ""));
        }
        boolean unknown = cpu.flags().isEmpty();
        String remedy = unknown ? "sudo mount -t proc proc /proc" : surroundings.virtualisationRemedy();
        if (kvmIsThere && accel != Accel.KVM) {
            return Check.failure(
                    "virtualisation",
                    KvmHost.softwareObstacle(Kvm.DEVICE, KvmHost.CPUINFO, cpu.flags())
                            .toString(),
                    remedy);
        }
        if (unknown) {
            return Check.warning("virtualisation", "unknown: /proc/cpuinfo shows no flags", remedy);
        }
        String none = "the processor shows neither VT-x nor AMD-V";
        if (!kvmIsThere) {
            return Check.failure("virtualisation", none, remedy);
        }
        return Check.warning(
                "virtualisation",
                "software, for " + none
                        + ": a guest's kernel is emulated, instruction by instruction, and slow. Stock distribution"
                        + " kernels, the default guest's among them, do not start",
                remedy);
    }

    private static Check needed(KvmFacts.Opened opened) {
        List<KvmCapability> missing = missing(KvmCapability.NEEDED, opened);
        return missing.isEmpty()
                ? Check.ok("kvm-capabilities", "all " + KvmCapability.NEEDED.size() + " that are needed")
                : Check.failure("kvm-capabilities", "missing: " + names(missing), KERNEL_REMEDY);
    }

    private static Check used(KvmFacts.Opened opened) {
        List<KvmCapability> missing = missing(KvmCapability.USED, opened);
        return missing.isEmpty()
                ? Check.ok("kvm-optional", "all " + KvmCapability.USED.size() + " that are of use")
                : Check.warning("kvm-optional", "missing: " + names(missing), KERNEL_REMEDY);
    }

    private static List<KvmCapability> missing(List<KvmCapability> wanted, KvmFacts.Opened opened) {
        return wanted.stream().filter(capability -> !opened.has(capability)).toList();
    }

    private static String names(List<KvmCapability> capabilities) {
        return capabilities.stream()
                .map(capability -> "KVM_CAP_" + capability.name() + " (" + capability.purpose() + ")")
                .collect(Collectors.joining(", "));
    }

    private static Check vcpus(KvmFacts.Opened opened) {
        int most = Math.min(opened.maxVcpus(), CpusConfig.MAX_COUNT);
        return Check.ok(
                "vcpus",
                "up to " + most + " a machine; more than " + Math.min(most, opened.recommendedVcpus())
                        + " share this host's processors");
    }
}
