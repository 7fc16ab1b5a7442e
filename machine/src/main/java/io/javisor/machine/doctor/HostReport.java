package io.javisor.machine.doctor;

import io.javisor.machine.config.Accel;
import io.javisor.machine.host.EngineChoice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * All that was looked at, in the order in which one thing needs the other. A check whose ground is missing is not there: without
 * {@code /dev/kvm} nothing is said of KVM's capabilities.
 */
public record HostReport(List<Check> checks) {
    public HostReport {
        checks = List.copyOf(checks);
    }

    /**
     * Looks at this host, which takes milliseconds and changes nothing. It opens {@code /dev/kvm} and makes a VM without memory or
     * vCPUs, which it closes again.
     *
     * @param accel by what the machines of this host are to run
     */
    public static HostReport inspect(Accel accel) {
        HostFiles files = new HostFiles(Path.of("/"));
        return inspect(files, Surroundings.of(files), accel);
    }

    static HostReport inspect(HostFiles files, Surroundings surroundings, Accel accel) {
        List<Check> checks = new ArrayList<>();
        checks.add(SystemProbe.system(files, System.getProperty("os.arch", "")));
        checks.add(SystemProbe.cpu(surroundings.cpu()));
        checks.add(JavaProbe.check(JavaProbe.Facts.ofThisProcess()));
        Check nativeLibrary = NativeLibraryProbe.check();
        checks.add(nativeLibrary);
        if (accel.isSoftware()) {
            checks.add(software(accel));
        }
        if (nativeLibrary.status() == Check.Status.OK) {
            if (!accel.isSoftware()) {
                List<Check> kvm = KvmChecks.of(KvmFacts.read(files.path("dev/kvm")), files, surroundings, accel);
                checks.addAll(accel == Accel.AUTO ? withoutFailures(kvm) : kvm);
            }
            checks.add(TunProbe.check(TunProbe.open(files.path("dev/net/tun")), surroundings));
        }
        checks.addAll(MemoryProbe.check(files));
        checks.addAll(LimitsProbe.check(files));
        return new HostReport(checks);
    }

    private static Check software(Accel accel) {
        EngineChoice choice = EngineChoice.of(accel);
        if (choice.engine() == null) {
            return Check.failure("accel", choice.obstacle(), "export JAVISOR_ACCEL=auto");
        }
        String slow = ", so that guests are many times slower";
        return switch (accel) {
            case SOFTWARE_STEPS ->
                Check.warning("accel", accel + ": nothing is translated" + slow, "export JAVISOR_ACCEL=software");
            case SOFTWARE_CHECK ->
                Check.warning(
                        "accel",
                        accel + ": what is translated is compared with single steps" + slow,
                        "export JAVISOR_ACCEL=software");
            default -> Check.ok("accel", "software, which needs no KVM");
        };
    }

    /** Without KVM the software engine runs the machine, if it can. */
    private static List<Check> withoutFailures(List<Check> kvm) {
        if (EngineChoice.of(Accel.SOFTWARE).engine() == null) {
            return kvm;
        }
        return kvm.stream()
                .map(check ->
                        check.status() == Check.Status.FAILURE && !check.id().equals("kvm-capabilities")
                                ? Check.warning(
                                        check.id(),
                                        check.found() + "; so the software engine runs machines, which is slower",
                                        Objects.requireNonNull(check.remedy()))
                                : check)
                .toList();
    }

    /** As this report, with more at its end. */
    public HostReport with(Check more) {
        List<Check> all = new ArrayList<>(checks);
        all.add(more);
        return new HostReport(all);
    }

    /** How many checks have that status. */
    public long count(Check.Status status) {
        return checks.stream().filter(check -> check.status() == status).count();
    }

    /** Whether a machine can run here, whatever the warnings. */
    public boolean canRun() {
        return count(Check.Status.FAILURE) == 0;
    }
}
