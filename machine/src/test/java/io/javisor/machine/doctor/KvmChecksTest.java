package io.javisor.machine.doctor;

import static io.javisor.machine.doctor.Check.Status.FAILURE;
import static io.javisor.machine.doctor.Check.Status.OK;
import static io.javisor.machine.doctor.Check.Status.WARNING;
import static io.javisor.machine.doctor.Checks.assertCheck;
import static io.javisor.machine.doctor.Checks.find;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.kvm.KvmUnavailableException.Reason;
import io.javisor.kvm.abi.KvmCap;
import io.javisor.machine.config.Accel;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KvmChecksTest {
    @TempDir
    private Path directory = Path.of("");

    private static KvmFacts.Opened opened() {
        return without(-1);
    }

    private static KvmFacts.Opened without(int capability) {
        Map<Integer, Integer> all = new HashMap<>();
        KvmCapability.all().forEach(each -> all.put(each.number(), 1));
        all.put(capability, 0);
        return new KvmFacts.Opened(all, 1024, 2, null);
    }

    private List<Check> of(KvmFacts facts, CpuInfo cpu) {
        return KvmChecks.of(facts, new HostFiles(directory), MadeUpHost.host(cpu), Accel.KVM);
    }

    @Test
    void goodHostIsOkThroughout() {
        List<Check> checks = of(opened(), MadeUpHost.INTEL);
        assertTrue(checks.stream().allMatch(check -> check.status() == OK), checks::toString);
        assertEquals(
                List.of(
                        "kvm-device",
                        "kvm-api",
                        "kvm-vm",
                        "virtualisation",
                        "kvm-capabilities",
                        "kvm-optional",
                        "vcpus"),
                checks.stream().map(Check::id).toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // where    | processor    | files              | remedy
                "host       | intel        |                    | sudo modprobe kvm_intel ",
                "host       | amd          |                    | sudo modprobe kvm_amd ",
                "host       | intel-off    |                    | sudo systemctl reboot --firmware-setup   # and"
                        + " enable VT-x",
                "host       | amd-off      |                    | sudo systemctl reboot --firmware-setup   # and"
                        + " enable AMD-V",
                "host       | cloud-intel  |                    | sudo modprobe kvm_intel nested=1   # on the machine"
                        + " that runs",
                "host       | cloud-amd    |                    | sudo modprobe kvm_amd nested=1   # on the machine"
                        + " that runs",
                "host       | nested-intel |                    | sudo modprobe kvm_intel ",
                "host       | intel        | sys/class/misc/kvm | sudo mknod -m 0660 /dev/kvm c 10 232",
                "container  | intel        |                    | docker run --device /dev/kvm",
                "container  | cloud-amd    | sys/class/misc/kvm | docker run --device /dev/kvm",
            })
    void missingDevice(String where, String cpu, String file, String remedy) {
        MadeUpHost host = new MadeUpHost(directory);
        if (file != null) {
            host.with(file, "");
        }
        CpuInfo processor = MadeUpHost.cpuNamed(cpu);
        List<Check> checks = KvmChecks.of(
                new KvmFacts.Unavailable(Reason.MISSING, "cannot open /dev/kvm: ENOENT; long advice"),
                host.files,
                where.equals("host") ? MadeUpHost.host(processor) : MadeUpHost.container(processor),
                Accel.AUTO);
        assertCheck(FAILURE, "cannot open /dev/kvm: ENOENT", remedy.strip(), find(checks, "kvm-device"));
        assertEquals(2, checks.size(), "nothing is said of a KVM that isn't there");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kvm  | true  | false | false | sudo usermod -aG kvm alice   # then log in again",
                "kvm  | true  | true  | false | newgrp kvm",
                "root | true  | false | false | sudo setfacl -m u:alice:rw /dev/kvm",
                "kvm  | false | false | false | sudo setfacl -m u:alice:rw /dev/kvm",
                "kvm  | true  | false | true  | --group-add",
                "kvm  | false | false | true  | sudo setfacl -m u:alice:rw /dev/kvm",
            })
    void closedDevice(String group, boolean groupMayUse, boolean member, boolean container, String remedy) {
        String actual = KvmDeviceRemedies.permission(
                new KvmDeviceRemedies.Owner(group, groupMayUse, member),
                new Surroundings(MadeUpHost.INTEL, container, "alice"));
        assertTrue(actual.contains(remedy), actual);
    }

    @Test
    void closedDeviceIsReportedWithItsGroup() throws Exception {
        HostFiles files = new MadeUpHost(directory).with("dev/kvm", "").files;
        String group = KvmDeviceRemedies.owner(files, "alice").group();
        assertFalse(group.isEmpty());
        Check check = find(
                KvmChecks.of(
                        new KvmFacts.Unavailable(Reason.NO_PERMISSION, "cannot open /dev/kvm: EACCES; long advice"),
                        files,
                        MadeUpHost.host(MadeUpHost.INTEL),
                        Accel.AUTO),
                "kvm-device");
        assertCheck(FAILURE, "cannot open /dev/kvm: EACCES; it is of group " + group, "sudo ", check);
    }

    @Test
    void membershipIsReadFromTheGroupFile() {
        MadeUpHost host = new MadeUpHost(directory).with("dev/kvm", "");
        String group = KvmDeviceRemedies.owner(host.files, "alice").group();
        host.with("etc/group", "adm:x:4:alice\n" + group + ":x:108:bob,alice\n");
        assertTrue(KvmDeviceRemedies.owner(host.files, "alice").member());
        assertFalse(KvmDeviceRemedies.owner(host.files, "ali").member());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NO_DRIVER | kvm-device | no driver is behind | sudo modprobe kvm_intel",
                "NOT_KVM   | kvm-api    | not version 12      | sudo rm /dev/kvm && sudo mknod",
                "OTHER     | kvm-device | cannot open         | sudo dmesg",
            })
    void otherReasons(Reason reason, String id, String found, String remedy) {
        List<Check> checks =
                of(new KvmFacts.Unavailable(reason, "cannot open /dev/kvm: E; long advice"), MadeUpHost.INTEL);
        assertCheck(FAILURE, found, remedy, find(checks, id));
    }

    @Test
    void virtualisationOfTheSoftwareKind() {
        Check check = find(of(opened(), MadeUpHost.CLOUD_AMD), "virtualisation");
        assertCheck(WARNING, "software", "nested=1", check);
        assertTrue(check.found().contains("the default guest's among them"), check::toString);
    }

    /** As {@code run} says it. */
    @Test
    void autoDoesNotTakeTheSoftwareKind() {
        HostFiles files = new HostFiles(directory);
        Check check = find(
                KvmChecks.of(opened(), files, MadeUpHost.host(MadeUpHost.CLOUD_AMD), Accel.AUTO), "virtualisation");
        assertCheck(FAILURE, "/dev/kvm makes VMs, but by software", "nested=1", check);
        Check unknown =
                find(KvmChecks.of(opened(), files, MadeUpHost.host(MadeUpHost.UNKNOWN), Accel.AUTO), "virtualisation");
        assertCheck(FAILURE, "maybe by software, for /proc/cpuinfo shows no flags", "sudo mount -t proc", unknown);
        Check byName = find(of(opened(), MadeUpHost.UNKNOWN), "virtualisation");
        assertCheck(WARNING, "unknown", "sudo mount -t proc", byName);
        Check hardware =
                find(KvmChecks.of(opened(), files, MadeUpHost.host(MadeUpHost.INTEL), Accel.AUTO), "virtualisation");
        assertCheck(OK, "hardware", "", hardware);
    }

    @Test
    void virtualisationOfTheNestedKindIsHardware() {
        assertCheck(OK, "hardware, VT-x, nested", "", find(of(opened(), MadeUpHost.NESTED_INTEL), "virtualisation"));
    }

    @ParameterizedTest
    @CsvSource({
        "intel-off, FAILURE, --firmware-setup",
        "cloud-amd, FAILURE, nested=1",
        "unknown, WARNING, mount -t proc"
    })
    void virtualisationThatIsMissing(String cpu, Check.Status status, String remedy) {
        KvmFacts missing = new KvmFacts.Unavailable(Reason.MISSING, "cannot open");
        assertCheck(status, "", remedy, find(of(missing, MadeUpHost.cpuNamed(cpu)), "virtualisation"));
    }

    @Test
    void virtualisationBehindAClosedDevice() {
        KvmFacts closed = new KvmFacts.Unavailable(Reason.NO_PERMISSION, "cannot open");
        assertCheck(WARNING, "software", "nested=1", find(of(closed, MadeUpHost.CLOUD_AMD), "virtualisation"));
        assertCheck(OK, "hardware", "", find(of(closed, MadeUpHost.INTEL), "virtualisation"));
    }

    @ParameterizedTest
    @CsvSource({"true, VBoxManage", "false, dmesg"})
    void noVmCanBeMade(boolean busy, String remedy) {
        KvmFacts facts =
                new KvmFacts.Opened(opened().capabilities(), 8, 2, new KvmFacts.VmProblem(busy, "KVM_CREATE_VM: E"));
        assertCheck(FAILURE, "KVM_CREATE_VM: E", remedy, find(of(facts, MadeUpHost.INTEL), "kvm-vm"));
    }

    @Test
    void eachMissingCapabilityIsNamed() {
        for (KvmCapability capability : KvmCapability.NEEDED) {
            Check check = find(of(without(capability.number()), MadeUpHost.INTEL), "kvm-capabilities");
            assertCheck(FAILURE, "KVM_CAP_" + capability.name() + " (", "linux-image", check);
        }
        for (KvmCapability capability : KvmCapability.USED) {
            Check check = find(of(without(capability.number()), MadeUpHost.INTEL), "kvm-optional");
            assertCheck(WARNING, "KVM_CAP_" + capability.name() + " (", "linux-image", check);
        }
    }

    @Test
    void capabilitiesAreTheKernels() throws ReflectiveOperationException {
        for (KvmCapability capability : KvmCapability.all()) {
            Field constant = KvmCap.class.getField("KVM_CAP_" + capability.name());
            assertEquals(constant.getInt(null), capability.number(), capability.name());
        }
    }

    @Test
    void vcpusAreBoundedByKvmAndByJavisor() {
        assertCheck(OK, "up to 254 a machine; more than 2 ", "", find(of(opened(), MadeUpHost.INTEL), "vcpus"));
        KvmFacts few = new KvmFacts.Opened(opened().capabilities(), 4, 8, null);
        assertCheck(OK, "up to 4 a machine; more than 4 ", "", find(of(few, MadeUpHost.INTEL), "vcpus"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev/kvm", "dev/nothing"})
    void readingWhatIsNoKvm(String name) {
        HostFiles files = new MadeUpHost(directory).with("dev/kvm", "not a device").files;
        KvmFacts.Unavailable facts = (KvmFacts.Unavailable) KvmFacts.read(files.path(name));
        assertEquals(name.equals("dev/kvm") ? Reason.NOT_KVM : Reason.MISSING, facts.reason());
    }
}
