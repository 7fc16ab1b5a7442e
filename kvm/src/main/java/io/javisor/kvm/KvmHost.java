package io.javisor.kvm;

import io.javisor.core.cpu.HostCpu;
import io.javisor.core.engine.Obstacle;
import io.javisor.core.host.HostException;
import io.javisor.kvm.KvmUnavailableException.Reason;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a host's KVM counts: its device opens, a VM can be made, and the processor shows VT-x or AMD-V. Another KVM is treated as
 * missing unless a user asks for it by name, because a guest's kernel is emulated there, and stock systems do not run. Any thread.
 */
public sealed interface KvmHost {
    /** Where Linux describes its processors. */
    Path CPUINFO = HostCpu.CPUINFO;

    /** KVM by the processor's own virtualisation. */
    record Counts() implements KvmHost {}

    /**
     * A KVM that makes VMs without the processor's help, or on a processor of which nothing is known.
     *
     * @param why one line
     */
    record Software(Obstacle why) implements KvmHost {}

    /**
     * No VM can be made.
     *
     * @param reason what kind of obstacle it is
     * @param why one line, with the errno and the remedy where one is known
     */
    record Unusable(Reason reason, Obstacle why) implements KvmHost {}

    /** As {@link #look(String, Path)}, of the host that this process runs on. It looks again at each call. */
    static KvmHost look() {
        return look(Kvm.DEVICE, CPUINFO);
    }

    /**
     * Opens the device and makes a VM without memory or vCPUs, and closes both. It takes some milliseconds.
     *
     * @param device such as {@link Kvm#DEVICE}
     * @param cpuinfo such as {@link #CPUINFO}; one that cannot be read shows no flags
     */
    static KvmHost look(String device, Path cpuinfo) {
        try (Kvm kvm = Kvm.open(device);
                KvmVm _ = kvm.createVm("VM to look at KVM")) {
            return of(device, cpuinfo, HostCpu.flags(cpuinfo));
        } catch (KvmUnavailableException e) {
            return new Unusable(e.reason(), e.obstacle());
        } catch (HostException e) {
            return new Unusable(Reason.OTHER, Obstacle.of(String.valueOf(e.getMessage())));
        }
    }

    /** What a device that makes VMs is on a processor with these flags. */
    static KvmHost of(String device, Path cpuinfo, Set<String> flags) {
        return flags.contains("vmx") || flags.contains("svm")
                ? new Counts()
                : new Software(softwareObstacle(device, cpuinfo, flags));
    }

    /** Why a device that makes VMs does not count on a processor with these flags, which are without virtualisation. */
    static Obstacle softwareObstacle(String device, Path cpuinfo, Set<String> flags) {
        return flags.isEmpty()
                ? new Obstacle(device + " makes VMs, but maybe by software", ", for " + cpuinfo + " shows no flags")
                : new Obstacle(
                        device + " makes VMs, but by software", ", for " + cpuinfo + " shows neither vmx nor svm");
    }

    default boolean counts() {
        return this instanceof Counts;
    }

    /** Why KVM does not count, in one line; empty if it does. */
    default Optional<Obstacle> obstacle() {
        return switch (this) {
            case Counts _ -> Optional.empty();
            case Software software -> Optional.of(software.why());
            case Unusable unusable -> Optional.of(unusable.why());
        };
    }
}
