"""What the kernel asks of AFAS, per kind of document: sales relation, delivery address, sales order."""
