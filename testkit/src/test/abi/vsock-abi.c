// SPDX-License-Identifier: Apache-2.0
/*
 * Prints the constants of io.javisor.devices.virtio.vsock, from the kernel's own headers: one "name value" a line.
 * The checked-in output is vsock-abi.golden; to make it anew:
 *
 *     gcc -Wall -Wextra -o vsock-abi vsock-abi.c && ./vsock-abi > ../resources/io/javisor/devices/virtio/vsock/vsock-abi.golden
 *
 * Needs the headers of Linux 6.1 or later (Debian: linux-libc-dev).
 */
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_vsock.h>
#include <linux/vm_sockets.h>

#define SIZE(s) printf(#s ".SIZE %zu\n", sizeof(struct s))
#define FIELD(s, f) printf(#s "." #f "_OFFSET %zu\n", offsetof(struct s, f))
#define VALUE(v) printf(#v " %llu\n", (unsigned long long)(v))

int main(void)
{
    SIZE(virtio_vsock_hdr);
    FIELD(virtio_vsock_hdr, src_cid);
    FIELD(virtio_vsock_hdr, dst_cid);
    FIELD(virtio_vsock_hdr, src_port);
    FIELD(virtio_vsock_hdr, dst_port);
    FIELD(virtio_vsock_hdr, len);
    FIELD(virtio_vsock_hdr, type);
    FIELD(virtio_vsock_hdr, op);
    FIELD(virtio_vsock_hdr, flags);
    FIELD(virtio_vsock_hdr, buf_alloc);
    FIELD(virtio_vsock_hdr, fwd_cnt);

    VALUE(VIRTIO_ID_VSOCK);
    VALUE(VMADDR_CID_HOST);
    VALUE(VIRTIO_VSOCK_TYPE_STREAM);
    VALUE(VIRTIO_VSOCK_OP_INVALID);
    VALUE(VIRTIO_VSOCK_OP_REQUEST);
    VALUE(VIRTIO_VSOCK_OP_RESPONSE);
    VALUE(VIRTIO_VSOCK_OP_RST);
    VALUE(VIRTIO_VSOCK_OP_SHUTDOWN);
    VALUE(VIRTIO_VSOCK_OP_RW);
    VALUE(VIRTIO_VSOCK_OP_CREDIT_UPDATE);
    VALUE(VIRTIO_VSOCK_OP_CREDIT_REQUEST);
    VALUE(VIRTIO_VSOCK_SHUTDOWN_RCV);
    VALUE(VIRTIO_VSOCK_SHUTDOWN_SEND);
    VALUE(VIRTIO_VSOCK_EVENT_TRANSPORT_RESET);
    return 0;
}
