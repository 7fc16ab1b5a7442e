package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Errno;
import io.javisor.kvm.KvmUnavailableException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KvmUnavailableTest {
    @ParameterizedTest
    @CsvSource({
        Errno.ENOENT + ", MISSING, modprobe kvm_intel",
        Errno.ENXIO + ", NO_DRIVER, modprobe kvm_amd",
        Errno.ENODEV + ", NO_DRIVER, modprobe kvm_amd",
        Errno.EACCES + ", NO_PERMISSION, sudo usermod -aG kvm $USER",
        Errno.EPERM + ", NO_PERMISSION, log in again",
        Errno.EMFILE + ", OTHER, EMFILE",
    })
    void eachErrnoHasItsReasonAndAdvice(int errno, Reason reason, String advice) {
        KvmUnavailableException e = KvmUnavailableException.onOpen("/dev/kvm", errno);
        assertEquals(reason, e.reason());
        assertEquals(errno, e.errno());
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith("cannot open /dev/kvm: " + Errno.name(errno)), message);
        assertTrue(message.contains(advice), message);
        assertFalse(message.contains("\n"), message);
    }

    @Test
    void aMissingDevice(@TempDir Path directory) {
        KvmUnavailableException e = assertThrows(
                KvmUnavailableException.class,
                () -> Kvm.open(directory.resolve("kvm").toString()));
        assertEquals(Reason.MISSING, e.reason());
    }

    @Test
    void aFileThatIsNotKvm(@TempDir Path directory) throws IOException {
        Path file = Files.createFile(directory.resolve("kvm"));
        KvmUnavailableException e = assertThrows(KvmUnavailableException.class, () -> Kvm.open(file.toString()));
        assertEquals(Reason.NOT_KVM, e.reason());
        assertEquals(Errno.ENOTTY, e.errno());
    }

    @Test
    void anotherDevice() {
        KvmUnavailableException e = assertThrows(KvmUnavailableException.class, () -> Kvm.open("/dev/null"));
        assertEquals(Reason.NOT_KVM, e.reason());
    }
}
