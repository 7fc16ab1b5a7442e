package io.javisor.kvm;

import io.javisor.core.host.Fd;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmIoctl;
import io.javisor.kvm.abi.KvmIoeventfdLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Guest writes that KVM turns into a signal on an eventfd without a return to user space. Taking one back needs the same operands
 * as the assignment.
 */
public final class KvmIoEvents {
    private final Fd fd;

    KvmIoEvents(Fd fd) {
        this.fd = fd;
    }

    /**
     * Every write of {@code size} bytes at {@code gpa} signals the eventfd.
     *
     * @param size 1, 2, 4 or 8; 0 for any width
     */
    public void assignMmio(long gpa, int size, int eventFd) {
        ioeventfd(gpa, size, eventFd, 0, 0);
    }

    /** Only writes of {@code value} signal the eventfd. */
    public void assignMmio(long gpa, int size, int eventFd, long value) {
        ioeventfd(gpa, size, eventFd, KvmConstants.KVM_IOEVENTFD_FLAG_DATAMATCH, value);
    }

    public void deassignMmio(long gpa, int size, int eventFd) {
        ioeventfd(gpa, size, eventFd, KvmConstants.KVM_IOEVENTFD_FLAG_DEASSIGN, 0);
    }

    public void deassignMmio(long gpa, int size, int eventFd, long value) {
        ioeventfd(
                gpa,
                size,
                eventFd,
                KvmConstants.KVM_IOEVENTFD_FLAG_DEASSIGN | KvmConstants.KVM_IOEVENTFD_FLAG_DATAMATCH,
                value);
    }

    /**
     * Every write of {@code size} bytes to {@code port} signals the eventfd.
     *
     * @param size 1, 2 or 4; 0 for any width
     */
    public void assignPio(int port, int size, int eventFd) {
        ioeventfd(port, size, eventFd, KvmConstants.KVM_IOEVENTFD_FLAG_PIO, 0);
    }

    /** Only writes of {@code value} signal the eventfd. */
    public void assignPio(int port, int size, int eventFd, long value) {
        ioeventfd(
                port,
                size,
                eventFd,
                KvmConstants.KVM_IOEVENTFD_FLAG_PIO | KvmConstants.KVM_IOEVENTFD_FLAG_DATAMATCH,
                value);
    }

    public void deassignPio(int port, int size, int eventFd) {
        ioeventfd(
                port, size, eventFd, KvmConstants.KVM_IOEVENTFD_FLAG_PIO | KvmConstants.KVM_IOEVENTFD_FLAG_DEASSIGN, 0);
    }

    public void deassignPio(int port, int size, int eventFd, long value) {
        ioeventfd(
                port,
                size,
                eventFd,
                KvmConstants.KVM_IOEVENTFD_FLAG_PIO
                        | KvmConstants.KVM_IOEVENTFD_FLAG_DEASSIGN
                        | KvmConstants.KVM_IOEVENTFD_FLAG_DATAMATCH,
                value);
    }

    // KVM api.rst §4.59
    private void ioeventfd(long target, int size, int eventFd, int flags, long value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(KvmIoeventfdLayout.SIZE, Long.BYTES);
            KvmIoeventfdLayout.setDatamatch(request, value);
            KvmIoeventfdLayout.setAddr(request, target);
            KvmIoeventfdLayout.setLen(request, size);
            KvmIoeventfdLayout.setFd(request, eventFd);
            KvmIoeventfdLayout.setFlags(request, flags);
            int result = Ioctl.tryCall(fd, "KVM_IOEVENTFD", KvmIoctl.KVM_IOEVENTFD, request, KvmIoeventfdLayout.SIZE);
            if (result < 0) {
                throw Ioctl.failed(
                        fd,
                        "KVM_IOEVENTFD(target=0x%x, size=%d, fd=%d, flags=0x%x, value=0x%x)"
                                .formatted(target, size, eventFd, flags, value),
                        result);
            }
        }
    }
}
